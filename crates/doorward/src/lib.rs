//! Access administration for software that looks after people's records: the use cases over storage and mail.
