"""One engine for causal language models: a token trie, tree attention, a scorer and a generator on top of them."""
