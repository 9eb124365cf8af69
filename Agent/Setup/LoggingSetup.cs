using Microsoft.Extensions.Logging.Console;

namespace PciBus.Agent.Setup;

/// <summary>One line for each thing that happened, with its time: what a journal of the system takes.</summary>
internal static class LoggingSetup
{
    public static void Configure(ILoggingBuilder logging, LogLevel level)
    {
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("PciBus", level);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fffK ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
    }
}
