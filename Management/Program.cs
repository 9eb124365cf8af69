using System.CommandLine;
using PciBus.Management.Setup;

// Time for commands under way on embedded hosts to end before the process does.
var patience = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) };
return await CommandLine.Build().Parse(args).InvokeAsync(patience);
