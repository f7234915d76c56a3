"""The katas: what there is to learn, which file is tested, and whether the tests are worth it."""
