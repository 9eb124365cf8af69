namespace PciBus.Management.Setup;

/// <summary>What the command line says.</summary>
/// <param name="LogFormat"><c>plain</c> or <c>json</c>.</param>
internal sealed record ServerOptions(string DataFolder, string LogFormat, LogLevel LogLevel, Settings Settings);
