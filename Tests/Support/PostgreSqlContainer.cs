using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;

namespace PciBus.Tests.Support;

/// <summary>PostgreSQL in a container, where a Docker engine answers.</summary>
internal static class PostgreSqlContainer
{
    private const int Port = 5432;
    private const string Password = "pcibus";

    private static IContainer? _container;

    /// <returns>How to reach it; null when there is no Docker engine here, or it has no such image.</returns>
    public static (string? ConnectionString, string What)? TryStart()
    {
        var image = Environment.GetEnvironmentVariable("PCIBUS_TEST_POSTGRESQL_IMAGE") ?? "postgres:15";
        if (!DockerEngine.IsThere) return null;
        try
        {
            _container = new ContainerBuilder(image)
                .WithEnvironment("POSTGRES_USER", "pcibus")
                .WithEnvironment("POSTGRES_PASSWORD", Password)
                .WithPortBinding(Port, assignRandomHostPort: true)
                .WithCommand("-c", "fsync=off", "-c", "max_connections=300", "-c", "deadlock_timeout=200ms")
                .WithWaitStrategy(Wait.ForUnixContainer().UntilCommandIsCompleted("pg_isready", "-h", "127.0.0.1", "-U", "pcibus"))
                .Build();
            _container.StartAsync().GetAwaiter().GetResult();
            PostgreSqlServer.AtExit(() => _container.DisposeAsync().AsTask().GetAwaiter().GetResult());
            return (
                $"Host={_container.Hostname};Port={_container.GetMappedPublicPort(Port)};Username=pcibus;Password={Password}",
                $"a container of {image}");
        }
        catch (Exception exception)
        {
            Console.WriteLine($"No container of {image}: {exception.Message}");
            return null;
        }
    }
}
