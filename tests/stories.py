"""Stories that hypothesis makes up: whoever does what, in whatever order."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


def run_story(story: type[RuleBasedStateMachine], *, examples: int, steps: int) -> None:
    """So many examples of so many steps; the same ones each time, unless STORY_STEPS is set."""
    run_state_machine_as_test(
        story,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            derandomize="STORY_STEPS" not in os.environ,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
