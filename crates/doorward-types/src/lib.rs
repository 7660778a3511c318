//! The words the Doorward crates share: ids, e-mail addresses, user names, windows, tokens; parsing only.
