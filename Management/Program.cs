using PciBus.Management.Setup;

return await CommandLine.Build().Parse(args).InvokeAsync();
