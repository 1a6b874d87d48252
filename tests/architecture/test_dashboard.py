"""The dashboard shows every metric, and only metrics that exist."""

import json
import re
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from core.metrics import ServiceMetrics, WorkerMetrics
from tests.architecture.source import ROOT

DASHBOARD = json.loads((ROOT / "deploy/grafana/dualtrans.json").read_text(encoding="utf-8"))
NAME = re.compile(r"\bdualtrans_[a-z_]+")
HISTOGRAM_SUFFIXES = ("_bucket", "_sum", "_count")


def panels() -> list[dict[str, Any]]:
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def expressions() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel["targets"]]


def known() -> dict[str, set[str]]:
    """Every metric name that Prometheus stores, with its labels."""
    names: dict[str, set[str]] = {}
    service = ServiceMetrics()
    for metrics in (service, service.queue, WorkerMetrics()):
        for metric in vars(metrics).values():
            if isinstance(metric, Counter | Gauge | Histogram):
                for name in stored_names(metric):
                    names[name] = set(metric._labelnames)
    return names


def stored_names(metric: Any) -> list[str]:
    endings = {"counter": ("_total",), "gauge": ("",), "histogram": HISTOGRAM_SUFFIXES}
    return [metric._name + ending for ending in endings[metric._type]]


def shown() -> set[str]:
    return {name for expression in expressions() for name in NAME.findall(expression)}


def base(name: str) -> str:
    """Remove the suffix of a histogram, because any of its three series shows it."""
    return re.sub(rf"({'|'.join(HISTOGRAM_SUFFIXES)})$", "", name)


def test_every_metric_of_the_dashboard_exists():
    assert shown() - known().keys() == set()


def test_every_metric_is_on_the_dashboard():
    assert {base(name) for name in known()} - {base(name) for name in shown()} == set()


def test_the_dashboard_filters_only_by_existing_labels():
    filtered = [
        (name, label)
        for expression in expressions()
        for name, labels in re.findall(r"(dualtrans_[a-z_]+)\{([^}]*)\}", expression)
        for label in re.findall(r"([a-z_]+)(?:=~|!=|=)", labels)
    ]

    assert filtered != []
    assert [(name, label) for name, label in filtered if label not in known()[name]] == []


def test_the_dashboard_groups_only_by_existing_labels():
    grouped = [
        (group, NAME.findall(expression)[0])
        for expression in expressions()
        for groups in re.findall(r"by \(([^)]*)\)", expression)
        for group in groups.split(", ")
    ]

    assert grouped != []
    assert [pair for pair in grouped if pair[0] not in known()[pair[1]] | {"le"}] == []


def test_no_two_panels_overlap_or_share_an_id():
    places = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    ids = [panel["id"] for panel in DASHBOARD["panels"]]

    assert len(places) == len(set(places))
    assert len(ids) == len(set(ids))
    assert max(x for x, _ in places) == 23


def test_every_panel_uses_the_selected_prometheus():
    sources = {panel["datasource"]["uid"] for panel in panels()}

    assert sources == {"${datasource}"}
    assert [variable["name"] for variable in DASHBOARD["templating"]["list"]] == ["datasource"]
