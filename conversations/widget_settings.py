"""How a tenant's widget looks and behaves on every page that does not say otherwise."""

from tenants.settings import specs

_MAX_FONT = 200
_MAX_CONTACT = 200

BRAND = specs.define(
    "widget.brand",
    description="The colour of the chat's button and of the visitor's bubbles, such as #3B5BDB. "
    "The text on it is black or white, whichever can be read.",
    default=str,
    validate=specs.shaped(
        "^#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$",
        maximum=7,
        advice="Use a colour such as #3B5BDB: a # and three or six hexadecimal digits.",
    ),
)
SCHEME = specs.define(
    "widget.scheme",
    description="Whether the chat is light or dark; auto follows the page, then the visitor's "
    "system.",
    default=lambda: "auto",
    validate=specs.one_of("auto", "light", "dark"),
)
POSITION = specs.define(
    "widget.position",
    description="The corner of the chat's button; auto is right, and left in languages that are "
    "written from right to left.",
    default=lambda: "auto",
    validate=specs.one_of("auto", "right", "left"),
)
RADIUS = specs.define(
    "widget.radius",
    description="How round the corners of the chat are, in pixels.",
    default=lambda: 12,
    validate=specs.integer(minimum=0, maximum=32),
)
FONT = specs.define(
    "widget.font",
    description="The chat's typeface, as CSS writes it, such as Inter, sans-serif. Pages that "
    "show the chat have to load it.",
    default=str,
    validate=specs.shaped(
        r"""^[A-Za-z0-9 ,'"_-]+$""",
        maximum=_MAX_FONT,
        advice="Use names of typefaces with commas between them, such as Inter, sans-serif.",
    ),
)
CONTACT = specs.define(
    "widget.contact",
    description="Another way to reach you, such as an e-mail address. Visitors see it when the "
    "chat cannot take messages.",
    default=str,
    validate=specs.text(maximum=_MAX_CONTACT),
)
SOUND_DEFAULT_ON = specs.define(
    "widget.soundDefaultOn",
    description="Whether a new message rings until a visitor has chosen.",
    default=lambda: False,
    validate=specs.boolean,
)
VIBRATION_DEFAULT_ON = specs.define(
    "widget.vibrationDefaultOn",
    description="Whether a new message vibrates until a visitor has chosen.",
    default=lambda: False,
    validate=specs.boolean,
)
SHOW_SOUND_TOGGLE = specs.define(
    "widget.showSoundToggle",
    description="Whether visitors can switch the sound on and off.",
    default=lambda: True,
    validate=specs.boolean,
)
SHOW_VIBRATION_TOGGLE = specs.define(
    "widget.showVibrationToggle",
    description="Whether visitors can switch vibration on and off.",
    default=lambda: True,
    validate=specs.boolean,
)
