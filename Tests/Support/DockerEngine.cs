namespace PciBus.Tests.Support;

/// <summary>The Docker engine of this machine, in which servers for tests are started when there are no others.</summary>
internal static class DockerEngine
{
    /// <summary>Whether one can be asked; whether it answers, and has an image, is seen when a container is to start.</summary>
    public static bool IsThere { get; } = File.Exists("/var/run/docker.sock") || Environment.GetEnvironmentVariable("DOCKER_HOST") is not null;
}
