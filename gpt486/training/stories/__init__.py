"""A deterministic generator of short stories in plain English: the text that the model which ships learns from.

`story(seed, index)` is a pure function. The parts, in the order in which a story is made:
`dice` (random integers), `lexicon` (the words), `world` and `stage` (who, where, what), `plots` (what happens),
`scenes` (openings, ways, closings), `telling` and `grammar` (sentences), `compose` (which story).
"""

from gpt486.training.stories.compose import Split, stories, story

__all__ = ["Split", "stories", "story"]
