//! Changes of address: asked for, proved by the new one, stopped by the old one.
