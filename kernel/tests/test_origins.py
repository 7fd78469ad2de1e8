"""Origins in the one form in which browsers send them."""

import pytest

from kernel.origins import UnusableOrigin, normal_form, parse_origin, readable


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("https://shop.example", "https://shop.example"),
        (" https://shop.example/ ", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("https://shop.example:0443/", "https://shop.example"),
        ("http://shop.example:80", "http://shop.example"),
        ("https://shop.example:80", "https://shop.example:80"),
        ("http://shop.example:443", "http://shop.example:443"),
        ("https://shop.example:", "https://shop.example"),
        ("HTTPS://Shop.Example:8443", "https://shop.example:8443"),
        ("https://shop.example.", "https://shop.example"),
        ("https://shop.example.:443", "https://shop.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1:4012", "http://127.0.0.1:4012"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("http://[0:0:0::1]:80", "http://[::1]"),
        ("https://home_server.local", "https://home_server.local"),
        ("https://пример.рф", "https://xn--e1afmkfd.xn--p1ai"),
        ("https://ПРИМЕР.рф:443", "https://xn--e1afmkfd.xn--p1ai"),
        ("https://xn--e1afmkfd.xn--p1ai", "https://xn--e1afmkfd.xn--p1ai"),
        ("https://bu\u0308cher.example", "https://xn--bcher-kva.example"),
        ("https://faß.de", "https://xn--fa-hia.de"),
        ("https://日本語。jp", "https://xn--wgv71a119e.jp"),
        ("https://☕.example", "https://xn--53h.example"),
        ("https://ｓｈｏｐ.example", "https://shop.example"),
        ("*", "*"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(given: str, sent: str) -> None:
    assert parse_origin(given) == sent
    assert parse_origin(sent) == sent
    assert normal_form(given) == sent


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("shop.example", "Write https://shop.example."),
        ("shop.example:8443", "Write https://shop.example:8443."),
        ("www.shop.example/pages", "Write https://www.shop.example."),
        ("localhost:3000", "Write http://localhost:3000."),
        ("https://shop.example/pages", "Write https://shop.example."),
        ("https://shop.example:443/?a=b", "Write https://shop.example."),
        ("https://shop.example?", "Write https://shop.example."),
        ("https://shop.example#chat", "Write https://shop.example."),
        ("https://me:word@shop.example", "Write https://shop.example."),
        ("https://пример.рф/страница", "Write https://xn--e1afmkfd.xn--p1ai."),
        ("https://*.shop.example", "or use * for all"),
        ("https://*", "or use * for all"),
        ("null", "pages that have no origin"),
        ("", "such as https://shop.example"),
        ("https://", "such as https://shop.example"),
        ("ftp://shop.example", "does not begin with https://"),
        ("https://shop.example:0", "no port from 1 to 65535"),
        ("https://shop.example:70000", "no port from 1 to 65535"),
        ("https://shop.example:８", "such as https://shop.example"),
        ("https://sh op.example", "no host name"),
        ("https://shop..example", "no host name"),
        ("https://" + "x" * 64, "no host name"),
        ("https://" + "x" * 400, "is no origin"),
        ("https://shop\x00.example", "no host name"),
        ("https://\u200b", "no host name"),
        ("http://[::1", "is no origin"),
        ("http://[::g]", "is no origin"),
    ],
)
def test_what_matches_no_browser_is_refused_with_what_to_write(given: str, sentence: str) -> None:
    with pytest.raises(UnusableOrigin) as refused:
        parse_origin(given)
    assert sentence in str(refused.value)
    assert normal_form(given) == given


@pytest.mark.parametrize(
    ("origin", "shown"),
    [
        ("https://xn--e1afmkfd.xn--p1ai:8443", "https://пример.рф:8443"),
        ("https://shop.example", "https://shop.example"),
        ("https://xn--bcher-kva.example", "https://bücher.example"),
        ("https://xn--a", "https://xn--a"),
        ("https://xn--\u0434", "https://xn--\u0434"),
        ("*", "*"),
    ],
)
def test_people_read_hosts_in_their_own_script(origin: str, shown: str) -> None:
    assert readable(origin) == shown
