using PciBus.Agent.Registration;

namespace PciBus.Agent.Setup;

/// <summary><c>Agent run</c>.</summary>
internal static class RunCommand
{
    /// <returns>The exit code.</returns>
    public static int Run(FileInfo file, TextWriter error)
    {
        try
        {
            AgentPropertiesFile.Open(file.FullName, TimeProvider.System);
        }
        catch (AgentPropertiesException e)
        {
            error.WriteLine(e.Message);
            return 1;
        }

        error.WriteLine(
            "An agent of its own needs a broker, which comes with the distributed mode; "
            + "run the Management project, which has simulated hosts built in.");
        return 2;
    }
}
