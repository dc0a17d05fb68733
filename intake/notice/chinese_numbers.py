"""Chinese numerals as ordinals: 一, 十一, 二十三, 百零五.  Up to 999; enough for any list in a notice."""

from __future__ import annotations

DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
UNITS = {"十": 10, "百": 100}
NUMERAL = f"[{''.join(DIGITS)}{''.join(UNITS)}]{{1,6}}"  #: a pattern that a numeral fits


def read_number(text: str) -> int | None:
    """Return the number that `text` says; None when it says none.

    >>> [read_number(text) for text in ("一", "十", "十一", "二十三", "百零五", "一百一十", "十五十")]
    [1, 10, 11, 23, 105, 110, None]
    """
    total, digit, least = 0, None, 1000
    for character in text:
        if character in UNITS:
            unit = UNITS[character]
            if unit >= least or digit == 0:
                return None
            total, digit, least = total + (1 if digit is None else digit) * unit, None, unit
        elif character in DIGITS:
            if digit not in {None, 0}:
                return None
            digit = DIGITS[character]
        else:
            return None
    total += digit or 0
    return total if total and write_forms(total) & {text} else None


def write_number(number: int) -> str:
    """Return the usual numeral of a number from 1 to 999.

    >>> [write_number(number) for number in (1, 10, 11, 20, 101, 110)]
    ['一', '十', '十一', '二十', '一百零一', '一百一十']
    """
    digits = "零一二三四五六七八九"
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (digits[ones] if ones else "")


def write_forms(number: int) -> frozenset[str]:
    """Return every form in which a number is written: 一百零五 is also 百零五, 十 also 一十."""
    usual = write_number(number)
    forms = {usual, usual.replace("零", "〇")}
    if usual.startswith("一百"):
        forms |= {form[1:] for form in forms}
    if usual.startswith("十"):
        forms.add("一" + usual)
    return frozenset(forms)
