// Package storagetest is the contract that every storage.Storage passes, [Run],
// and a storage in memory for tests, [Mem].
package storagetest
