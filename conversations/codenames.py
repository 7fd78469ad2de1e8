"""Handles that people can say aloud: a colour, an animal and four hex digits."""

import secrets

_COLOURS = (
    "Amber Apricot Aqua Azure Beige Bronze Cobalt Copper Coral Crimson Cyan Denim Emerald Fuchsia "
    "Golden Indigo Ivory Jade Lavender Lemon Lilac Lime Magenta Maroon Mint Navy Ochre Olive Opal "
    "Orange Pearl Pink Plum Purple Rose Ruby Rust Sage Salmon Sapphire Scarlet Sepia Silver Teal "
    "Turquoise Vanilla Violet White"
).split()
_ANIMALS = (
    "Badger Bear Beaver Bison Bobcat Condor Crane Curlew Deer Dolphin Eagle Egret Falcon Ferret "
    "Finch Fox Gecko Hare Hawk Heron Ibex Ibis Jay Koala Lark Lemur Linnet Lynx Magpie Marten "
    "Mole Moose Newt Ocelot Orca Otter Owl Panda Pelican Puffin Quail Raven Robin Salmon Seal "
    "Stork Swan Swift Tapir Tern Tiger Toucan Turtle Vole Walrus Weasel Whale Wolf Wren Yak Zebra"
).split()


def new_codename() -> str:
    """Such as `Amber Otter #3F2A`: about 190 million of them, so twins are rare but possible."""
    return f"{secrets.choice(_COLOURS)} {secrets.choice(_ANIMALS)} #{secrets.randbits(16):04X}"
