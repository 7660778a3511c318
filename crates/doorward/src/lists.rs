//! The lists that administrators work from, page by page.
