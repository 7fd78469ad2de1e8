"""The stops that the architecture page names for each flow are there."""

import ast
import re

from tests.architecture.sources import ROOT, all_sources

_STOP = re.compile(r"`([\w/]+\.py):(\w+)`")


def test_every_stop_of_a_flow_is_a_function_of_its_file() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    section = page.partition("## The stops of each flow")[2].partition("\n## ")[0]
    flows = [_STOP.findall(flow) for flow in section.split("\n**")[1:]]
    assert [len(stops) >= 7 for stops in flows] == [True] * 4, "four flows from end to end"
    defined = {
        (source.path, node.name)
        for source in all_sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    missing = {stop for stops in flows for stop in stops if stop not in defined}
    assert missing == set()
