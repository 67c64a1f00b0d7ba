from .backend import on_workers as on_workers
from .cluster import cluster_kept as cluster_kept
