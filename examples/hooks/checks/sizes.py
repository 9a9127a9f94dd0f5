import os


def at_least(path, bytes):
    """A hook gets its args by name, and answers with True or {success, output}."""
    size = os.path.getsize(path)
    return {"success": size >= int(bytes), "output": f"{path} has {size} bytes"}
