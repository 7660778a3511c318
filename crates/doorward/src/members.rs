//! Members: their access, their windows, what they hide, how they leave.
