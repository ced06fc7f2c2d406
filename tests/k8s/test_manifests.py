"""The Kubernetes manifests, rendered: valid against the published schemas, and restricted, probed, budgeted and walled in."""

import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest
import yaml
from tests.support import IN_CI, ROOT

from assent_gateway.settings import GatewaySettings
from assent_kit.settings import ServiceSettings

MANIFESTS = ROOT / "deploy" / "k8s"
SERVICES = {"gateway", "ingest", "survey", "qual", "analytics"}
KUBERNETES = "1.32"

Manifest = dict[str, Any]

ROUTE_KEYS = {"parentRefs", "hostnames", "rules"}


def render(folder: str) -> list[Manifest]:
    if shutil.which("kubectl") is None:
        if IN_CI:
            pytest.fail("kubectl is needed to render the manifests")
        pytest.skip("kubectl is needed to render the manifests")
    done = subprocess.run(["kubectl", "kustomize", str(MANIFESTS / folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [manifest for manifest in yaml.safe_load_all(done.stdout) if manifest]


@pytest.fixture(scope="module", params=["base", "overlays/development", "overlays/production"])
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    return render(request.param)


def of_kind(manifests: list[Manifest], *kinds: str) -> Iterator[Manifest]:
    return (manifest for manifest in manifests if manifest["kind"] in kinds)


def pods(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest, Manifest]]:
    for manifest in of_kind(manifests, "Deployment", "Job"):
        yield manifest["metadata"]["name"], manifest["spec"]["template"]["metadata"]["labels"], manifest["spec"]["template"]["spec"]


def test_every_manifest_fits_its_schema(manifests: list[Manifest]) -> None:
    for manifest in manifests:
        if manifest["kind"] == "HTTPRoute":  # a custom resource: its schema is not among Kubernetes' own
            assert set(manifest["spec"]) <= ROUTE_KEYS
            continue
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


def test_a_wrong_field_would_be_found(manifests: list[Manifest]) -> None:
    deployment = next(of_kind(manifests, "Deployment"))
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**deployment, "spec": {**deployment["spec"], "replica": 2}}, KUBERNETES, strict=True)


def test_each_service_has_its_workloads(manifests: list[Manifest]) -> None:
    names = {name for name, _, _ in pods(manifests)}
    assert names == {f"{service}-{role}" for service in SERVICES for role in ("serve", "consume", "migrate")}


def test_pods_meet_the_restricted_standard(manifests: list[Manifest]) -> None:
    namespace = next(of_kind(manifests, "Namespace"))
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for name, _, pod in pods(manifests):
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False, name
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            assert {"requests", "limits"} <= container["resources"].keys(), name
            assert ":" in container["image"], name
            assert not container["image"].endswith(":latest"), name


def test_pods_run_the_image_and_secrets_of_their_service(manifests: list[Manifest]) -> None:
    for name, labels, pod in pods(manifests):
        service, _, role = name.partition("-")
        container = pod["containers"][0]
        assert labels["assent/service"] == service
        assert container["image"].startswith(f"assent-{service}:")
        assert container["args"] == [role]
        assert {"secretRef": {"name": f"{service}-secrets"}} in container["envFrom"]
        assert pod["serviceAccountName"] == f"{service}-account"


def test_long_running_pods_are_probed(manifests: list[Manifest]) -> None:
    for deployment in of_kind(manifests, "Deployment"):
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys()
        assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"


def test_a_disruption_budget_stands_where_there_is_more_than_one_replica(manifests: list[Manifest]) -> None:
    budgets = {budget["metadata"]["name"] for budget in of_kind(manifests, "PodDisruptionBudget")}
    several = {
        deployment["metadata"]["name"] for deployment in of_kind(manifests, "Deployment") if deployment["spec"]["replicas"] > 1
    }
    assert budgets == several


def test_the_network_is_closed_but_for_what_is_needed(manifests: list[Manifest]) -> None:
    policies = {policy["metadata"]["name"]: policy["spec"] for policy in of_kind(manifests, "NetworkPolicy")}
    assert policies["deny-all"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for service in SERVICES:
        policy = policies[f"{service}-network"]
        assert policy["podSelector"] == {"matchLabels": {"assent/service": service}}
        assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert callers(policies["survey-network"]) == {"gateway"}
    assert callers(policies["qual-network"]) == callers(policies["ingest-network"]) == {"gateway", "analytics"}


def callers(policy: Manifest) -> set[str]:
    peers = (peer for rule in policy["ingress"] for peer in rule["from"] if "podSelector" in peer)
    return {value for peer in peers for expression in peer["podSelector"]["matchExpressions"] for value in expression["values"]}


def test_services_select_pods_and_name_their_ports(manifests: list[Manifest]) -> None:
    for service in of_kind(manifests, "Service"):
        selected = [pod for _, labels, pod in pods(manifests) if service["spec"]["selector"].items() <= labels.items()]
        assert len(selected) == 1
        ports = {port["name"] for port in selected[0]["containers"][0]["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports


def test_the_route_leads_to_the_gateway(manifests: list[Manifest]) -> None:
    route = next(of_kind(manifests, "HTTPRoute"))
    services = {service["metadata"]["name"]: service["spec"]["ports"][0]["port"] for service in of_kind(manifests, "Service")}
    backend = route["spec"]["rules"][0]["backendRefs"][0]
    assert services[backend["name"]] == backend["port"]
    assert backend["name"] == "gateway-api"


def test_settings_are_ones_that_some_service_knows(manifests: list[Manifest]) -> None:
    from assent_analytics.settings import AnalyticsSettings

    known = {
        f"ASSENT_{name.upper()}" for kind in (ServiceSettings, GatewaySettings, AnalyticsSettings) for name in kind.model_fields
    }
    for config in of_kind(manifests, "ConfigMap"):
        assert set(config["data"]) <= known
    for _, _, pod in pods(manifests):
        assert {variable["name"] for variable in pod["containers"][0].get("env", [])} <= known
