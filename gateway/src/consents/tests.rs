//! Consents: given once, used once, withdrawn for good; and the same after every restart.
