//! Levels and profiles: made, previewed, edited, deleted.
