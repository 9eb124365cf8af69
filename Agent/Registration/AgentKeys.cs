using PciBus.Contracts.Connection;

namespace PciBus.Agent.Registration;

/// <summary>The keys of agent.properties, as <see cref="AgentProperties"/> names them: any other is ignored, with a warning.</summary>
internal static class AgentKeys
{
    public static IReadOnlyList<OptionProperty> All { get; } = OptionProperty.Of<AgentProperties>();

    /// <summary>One sentence for each line whose key there is not.</summary>
    /// <param name="path">The file, for the sentences.</param>
    /// <param name="file">What stands in it.</param>
    public static IReadOnlyList<string> Unknown(string path, PropertiesFile file) =>
    [
        .. from line in file.Lines
           where line.Value is not null && All.All(key => key.Name != line.Key)
           let nearest = PropertyName.Nearest(line.Key, All.Select(key => key.Name))
           select $"{path}:{line.Number}: \"{PropertyName.Shown(line.Key)}\" is no key of agent.properties and is ignored; "
               + $"the nearest is {nearest}",
    ];
}
