//! The mailer port of Doorward, with a folder mailer and a memory mailer.
