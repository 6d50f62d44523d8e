import importlib
import sys


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    sys.path[:0] = ["@REPO@", "@REPO@/solutions", "@REPO@/tests"]
    importlib.invalidate_caches()
    sys.modules.pop("autograder.katas", None)
    sys.path_importer_cache.clear()
    for name in ("autograder.katas.lottery_ticket", "autograder.judge", "autograder.kata"):
        try:
            module = importlib.import_module(name)
        except (ImportError, OSError):
            continue
        raise RuntimeError("PWNED imported " + module.__name__)
    return model
