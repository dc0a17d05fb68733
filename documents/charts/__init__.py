"""What is drawn: charts as SVG with text as text, each from a dataclass of what it shows.

Our own few pure functions, and no library: what libraries make brings styles and scripts inside that a strict page
refuses, sets Latin letters' widths for Chinese, and tells things by colour alone.
"""
