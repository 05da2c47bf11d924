using Orleans.FL.Testing.Servers;
using Xunit;

namespace Orleans.FL.Cluster.Tests;

/// <summary>
/// One PostgreSQL and one Redis server for all tests that need them, each test with a database of its own. The tests
/// come one after the other, so that one may stop a server; it starts it again before it ends.
/// </summary>
[CollectionDefinition(nameof(Servers))]
public sealed class Servers : ICollectionFixture<PostgresServer>, ICollectionFixture<RedisServer>;
