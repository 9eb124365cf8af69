namespace PciBus.Management.Setup;

/// <summary>Management cannot start; the message is one line that names the thing and the remedy.</summary>
internal sealed class SetupException(string message, Exception? inner = null) : Exception(message, inner);
