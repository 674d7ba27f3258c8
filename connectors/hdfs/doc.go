// Package hdfs is a sink connector that writes records to files in HDFS or in a
// local folder, each record once, and registers them as partitions of Hive
// tables. It understands the configuration of Confluent's HDFS sinks.
//
// Package filesets writes the files and says who does what. Here are the
// configuration, the HDFS client in internal/dfs, and Hive: a registrar, in a
// goroutine of its own, tells the metastore of committed files, in internal/hive.
//
// # Not done
//
// No compaction of small files, no Kerberos, no Parquet or ORC.
package hdfs
