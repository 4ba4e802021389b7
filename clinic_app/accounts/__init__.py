"""Staff's accounts: who they are, what each may do, where they are signed in, and the trail of what they did."""
