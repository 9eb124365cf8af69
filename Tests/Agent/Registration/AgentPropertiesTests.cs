using PciBus.Agent.Registration;
using PciBus.Contracts.Connection;
using Xunit;

namespace PciBus.Tests.Agent.Registration;

public sealed class AgentPropertiesTests
{
    [Fact]
    public void Read_TakesCloudStacksKeys()
    {
        var properties = AgentProperties.Read("/etc/agent.properties", PropertiesFile.Parse("""
            # comment
            ! comment
            guid = 3f0e
            zone=z1
            hypervisor.type=simulated
             pod = p1
            cluster=c1
            workers=7
            host.tags=a, b,\
              c
            simulator.memory=2 GiB
            simulator.start.time=1.5s
            simulator.stop.time=250
            """));

        Assert.Equal(
            ("3f0e", "z1", "p1", "c1", 7),
            (properties.Guid, properties.Zone, properties.Pod, properties.Cluster, properties.Workers));
        Assert.Equal(["a", "b", "c"], properties.HostTags);
        Assert.Equal(2L << 30, properties.Simulator.Memory);
        Assert.Equal(TimeSpan.FromSeconds(1.5), properties.Simulator.StartTime);
        Assert.Equal(TimeSpan.FromMilliseconds(250), properties.Simulator.StopTime);
        Assert.Equal("3f0e", properties.Name);
    }

    [Fact]
    public void Read_NamesEveryBadValue_AndWhatIsAllowed()
    {
        var refusal = Assert.Throws<AgentPropertiesException>(
            () => AgentProperties.Read("f", PropertiesFile.Parse("workers=0\nhypervisor.type=xen\nsimulator.memory=lots\nstop.wait=soon")));

        Assert.Equal(5, refusal.Problems.Count);
        Assert.Contains(refusal.Problems, problem => problem.StartsWith("guid is missing", StringComparison.Ordinal));
        Assert.Contains("workers=0 is not allowed; allowed is a whole number from 1 to 1000", refusal.Problems);
    }

    [Fact]
    public void Read_NamesLinesThatCannotBeRead()
    {
        var refusal = Assert.Throws<AgentPropertiesException>(() => AgentProperties.Read("f", PropertiesFile.Parse("guid=a\nzone=z\u00a01\nhypervisor.type=simulated")));

        Assert.Equal(["line 2 has U+00A0 in it, which cannot be seen"], refusal.Problems);
    }

    [Theory]
    [InlineData("", "hypervisor.type is missing; allowed is kvm or simulated")]
    [InlineData("hypervisor.type=", "hypervisor.type is missing; allowed is kvm or simulated")]
    [InlineData("hypervisor.type=xen", "hypervisor.type=xen is not allowed; allowed is kvm or simulated")]
    [InlineData("hypervisor.type=Simulated", "hypervisor.type=Simulated is not allowed; allowed is kvm or simulated")]
    public void Read_SaysWhatRunsVms_WhenTheFileDoesNot(string line, string problem)
    {
        var refusal = Assert.Throws<AgentPropertiesException>(() => AgentProperties.Read("f", PropertiesFile.Parse($"guid=a\n{line}")));

        Assert.Equal([problem], refusal.Problems);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("hypervisor.type=", true)]
    [InlineData("hypervisor.type=kvm", false)]
    [InlineData("hypervisor.type=xen", false)]
    public void Read_OfAFileThatNeedNotSay_TakesWhatItSays(string line, bool isGood)
    {
        var refusal = Record.Exception(() => AgentProperties.Read("f", PropertiesFile.Parse($"guid=a\n{line}"), hypervisorType: "simulated"));

        Assert.Equal(isGood, refusal is null);
        // Once, however many reasons there are.
        if (refusal is not AgentPropertiesException { Problems: var problems }) return;
        Assert.StartsWith($"{line} is not allowed; allowed is ", Assert.Single(problems), StringComparison.Ordinal);
    }

    /// <summary>A broker's certificates are not looked for elsewhere.</summary>
    [Theory]
    [InlineData("bus.tls.ca")]
    [InlineData("bus.tls.certificate")]
    [InlineData("bus.tls.key")]
    public void Read_RefusesAFileOfCertificates_ThatIsNotThere(string key)
    {
        var refusal = Assert.Throws<AgentPropertiesException>(
            () => AgentProperties.Read("/nowhere/f", PropertiesFile.Parse($"guid=a\nhypervisor.type=simulated\n{key}=tls/absent.pem")));

        Assert.Equal([$"{key}=tls/absent.pem is not allowed; allowed is a PEM file"], refusal.Problems);
    }

    [Theory]
    [InlineData("/etc/pcibus/agent.properties", "data", "/etc/pcibus/data")]
    [InlineData("/etc/pcibus/agent.properties", "../data/", "/etc/data/")]
    [InlineData("/etc/pcibus/agent.properties", "/data", "/data")]
    [InlineData("/etc/pcibus/../agent.properties", "data", "/etc/data")]
    [InlineData("/agent.properties", "data", "/data")]
    [InlineData("/", "data", "/data")]
    public void Read_TakesFolders_FromTheFolderOfTheFile(string file, string given, string folder) => Assert.Equal(
        folder,
        AgentProperties.Read(file, PropertiesFile.Parse($"guid=a\nhypervisor.type=simulated\nagent.data.folder={given}")).DataFolder);

    [Fact]
    public void Read_LetsOverridesReplaceTheFile()
    {
        var overrides = new Dictionary<string, string> { [AgentProperties.DataFolderKey] = "/elsewhere" };

        Assert.Equal("/elsewhere", AgentProperties.Read("f", PropertiesFile.Parse("guid=a\nhypervisor.type=simulated\nagent.data.folder=here"), overrides).DataFolder);
    }
}
