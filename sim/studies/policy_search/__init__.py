"""Policy search: which parameters of a policy do best in several objectives, judged on seeds that no trial used."""
