"""In: a parcel and the moment of sending. Out: it is in a folder, a mailbox, a chat or at another service."""
