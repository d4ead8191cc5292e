"""From an accepted call to a ringing phone: when, how, and what follows."""
