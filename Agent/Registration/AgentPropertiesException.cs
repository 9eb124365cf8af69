namespace PciBus.Agent.Registration;

/// <summary>agent.properties cannot be used; the message names every key, its value and what is allowed.</summary>
internal sealed class AgentPropertiesException : Exception
{
    public AgentPropertiesException(string path, IReadOnlyList<string> problems)
        : base($"{path}: {string.Join("; ", problems)}") => Problems = problems;

    /// <summary>One sentence for each bad value.</summary>
    public IReadOnlyList<string> Problems { get; }
}
