"""Inside a Hydra app: the configurations that ship, as groups that the app can choose from."""

from sim.config.files import names_in, read_yaml, scenario_data
from sim.core.paths import CONFIGS

GROUPS = ("scenario", "experiment", "design", "executor")


def register(group: str = "partnership") -> None:
    """Tell Hydra of the scenarios, experiments, designs and executors that ship.

    The app's own configuration then chooses among them, as ``- partnership/scenario: denim_alliance`` in its list of
    ``defaults``, and hands what Hydra composed to a call: ``sim.compare(cfg.partnership.scenario)``. Nothing else in
    this package touches Hydra's state.

    Args:
        group: the name of the group that holds them.
    """
    from hydra.core.config_store import ConfigStore

    store = ConfigStore.instance()
    for kind in GROUPS:
        for name in names_in(kind):
            file = CONFIGS / kind / f"{name}.yaml"
            node = scenario_data(name) if kind == "scenario" else read_yaml(file, kind, "")
            store.store(group=f"{group}/{kind}", name=name, node=node)
