from tests.community_fixtures import community, made_community
from tests.groups.conftest import convened, council

__all__ = ["community", "convened", "council", "made_community"]
