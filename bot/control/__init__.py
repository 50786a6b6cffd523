"""The queue of bets and the hands: the only room that touches mouse and keyboard."""
