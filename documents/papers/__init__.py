"""What each kind of official paper says, from plain facts; in Chinese, in which they are issued."""
