//! Fuzz bodies as plain functions, one a parser.
