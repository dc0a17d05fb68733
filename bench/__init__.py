"""The benchmark: Duban beside the bare database, SQLAlchemy, and other engines, all measured in one run.

`make bench`, or `python -m bench [--only W1,W2] [--quick] [--database sqlite|postgresql]`.  One file per piece of
work: lifecycle (W1), sweep (W2), digest (W3), page (W4), start (import and start-up).  What is compared: floor (raw
SQL), core and orm (SQLAlchemy), peers_* (other engines, in an environment of their own).  Duban's side goes through
its own actions only.
"""
