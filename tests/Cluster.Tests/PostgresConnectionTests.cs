using Npgsql;
using Orleans.FL.Silo.Databases;
using Xunit;

namespace Orleans.FL.Cluster.Tests;

public sealed class PostgresConnectionTests
{
    [Fact]
    public void A_silo_requests_no_Kerberos_ticket_and_holds_few_connections_by_default()
    {
        var untold = new NpgsqlConnectionStringBuilder(PostgresConnection.OfSilo("Host=db;Username=fl", "a"));
        var sent = new NpgsqlConnectionStringBuilder(
            PostgresConnection.OfSilo("Host=db;Username=fl;GSS Encryption Mode=Require;Maximum Pool Size=7", "a"));

        Assert.Equal((GssEncryptionMode.Disable, 10), (untold.GssEncryptionMode, untold.MaxPoolSize));
        Assert.Equal((GssEncryptionMode.Require, 7), (sent.GssEncryptionMode, sent.MaxPoolSize));
    }
}
