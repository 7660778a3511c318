//! What the benches share: interleaved runs and their ratio.
