package client

// WithoutFlush makes a client's file fast and not durable, for tests in which
// no process dies.
func (cfg *Config) WithoutFlush() { cfg.unflushed = true }
