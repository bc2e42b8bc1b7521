from tests.community_fixtures import community, made_community

__all__ = ["community", "made_community"]
